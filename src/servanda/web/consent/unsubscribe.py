"""Unsubscribe with one click (RFC 8058), without an account, a cookie or a question.

The danger: a program that looks at every link in a mail unsubscribes people, or a person who
clicked gets the next mail all the same. What guards it: GET changes nothing and shows a button;
POST is recorded before it is answered, and the gate's next answer is no
(tests/web/consent/test_unsubscribe.py).
"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from servanda.desk.consents import Act, links, record
from servanda.desk.consents.acts import mailings, marked, no_to
from servanda.runtime import hub
from servanda.web.consent.words import channel_name
from servanda.web.kit.access import public


@public
@csrf_exempt  # the person's mail program sends it, which has no cookie of ours
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    workspace = hub.workspace()
    book = workspace.desk.book
    link = links.read(book, "u", token)
    if link is None:
        raise Http404
    done = request.method == "POST"
    if done:
        purposes = mailings(workspace.policy, link.channel)
        act = Act(marked(link.mark), no_to(purposes, link.channel), "one_click")
        record(book, act)
    told = {
        "done": done,
        "channel": channel_name(link.channel),
        "preferences": links.preferences(book, link.mark) if done else "",
    }
    return render(request, "consent/unsubscribe.html", told)


urls = [path("u/<str:token>", unsubscribe, name="consent-unsubscribe")]
