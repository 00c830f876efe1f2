"""One form for each identity, in whatever notation; two people are never one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from servanda.kernel.errors import UsageError
from servanda.kernel.identity import fold_of, folded, normal, region_of, require, require_kind
from servanda.kernel.identity_phone import tail, tails
from servanda.kernel.predicate import Folded, Within, from_data, to_data


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("jo@x.test", "jo@x.test"),
        (" Jo.Bloggs@X.Test\n", "jo.bloggs@x.test"),
        ('"Bloggs, Jo" <JO@x.test>', "jo@x.test"),
        ("mailto:jo@x.test?subject=hello", "jo@x.test"),
        ("jo@x.test (Jo)", "jo@x.test"),
        ("JÖRG@MÜLLER.test", "jörg@xn--mller-kva.test"),
        ("jorg@xn--mller-kva.test", "jorg@xn--mller-kva.test"),
        ("jo+news@x.test", "jo+news@x.test"),
        ("a@x.test, b@x.test", None),
        ("jo", None),
        ("@x.test", None),
        ("", None),
        (None, None),
    ],
)
def test_addresses(written: str | None, meant: str | None) -> None:
    assert normal("email", written) == meant


def test_a_plus_part_is_an_alias_and_dots_are_letters() -> None:
    assert folded("email", "Jo+news@x.test") == folded("email", "jo@x.test") == "jo@x.test"
    assert folded("email", "jo+a+b@x.test") == "jo@x.test"
    assert folded("email", "+news@x.test") == "+news@x.test"
    assert folded("email", "j.o@gmail.com") != folded("email", "jo@gmail.com")
    assert folded("email", "ann@x.test") != folded("email", "anne@x.test")


@pytest.mark.parametrize(
    ("region", "written", "meant"),
    [
        ("GB", "028 9018 0001", "+442890180001"),
        ("GB", "+44 (0)28 9018-0001", "+442890180001"),
        ("GB", "0044 28 9018 0001", "+442890180001"),
        ("GB", "011 44 28 9018 0001", "+442890180001"),
        ("GB", "442890180001", "+442890180001"),
        ("GB", "028 9018 0001 ext. 12", "+442890180001"),
        ("GB", '"Jo 2" <02890180001>', "+442890180001"),
        ("GB", "sip:+442890180001@10.0.0.1:5060", "+442890180001"),
        ("GB", "0044 28 9018 0002", "+442890180002"),
        ("US", "00442890180001", "+442890180001"),
        ("PR", "787-555-0199", "+17875550199"),
        ("JM", "(876) 555-0100", "+18765550100"),
        ("KE", "0712 345678", "+254712345678"),
        (None, "+254 712 345678", "+254712345678"),
        (None, "028 9018 0001", "02890180001"),
        ("GB", "201", "201"),
        ("GB", "sip:201@pbx.test", "201"),
        ("GB", "999", "999"),
        ("GB", "90180001", "90180001"),
        ("GB", "s", None),
        ("GB", "anonymous", None),
        ("GB", "0800 FLOWERS", None),
        ("GB", "", None),
        ("GB", "1" * 30, None),
    ],
)
def test_numbers(region: str | None, written: str, meant: str | None) -> None:
    assert normal("phone", written, region) == meant


nationals = st.from_regex(r"028[0-9]{8}", fullmatch=True)
separators = st.sampled_from(["", " ", "-", ".", "/", "  "])


@given(nationals, st.sampled_from(["0", "+44", "0044", "44", "01144", "+440"]), separators)
def test_every_notation_ends_alike(national: str, prefix: str, separator: str) -> None:
    """What the engines compare takes in whatever Python says is the same number."""
    written = separator.join([prefix, national[1:4], national[4:7], national[7:]])
    found = normal("phone", written, "GB")
    assert found is not None
    assert tail(written) in tails(found)
    if found.startswith("+44") and normal("phone", national, "GB") == f"+44{national[1:]}":
        assert found == f"+44{national[1:]}"


@given(st.text())
def test_a_form_has_the_same_form(text: str) -> None:
    for fold in ("email", "phone:GB", "phone", "name", "text"):
        once = folded(fold, text)
        assert once is None or folded(fold, once) == once


def test_names_and_other_kinds() -> None:
    assert normal("name", "  Zoë \n O'Hara ") == normal("name", "ZOË O'HARA") == "zoë o'hara"
    assert normal("name", "Zoe O'Hara") != normal("name", "Zoë O'Hara")
    assert normal("username", " Jo ") == "Jo"
    assert normal("username", "jo") != normal("username", "Jo")


def test_what_is_no_identity_is_said_without_repeating_it() -> None:
    for kind, value in (
        ("email", "secret-name"), ("phone", "secret-name"), ("name", " "), ("id", "secret\x00name"),
        ("email", f"{'secret' * 60}@x.test"),
    ):  # fmt: skip
        with pytest.raises(UsageError) as raised:
            require(kind, value, "GB")
        assert "secret" not in str(raised.value)
    with pytest.raises(UsageError, match="kinds known here: email, name, phone, username"):
        require_kind("emial", ["username"])
    require_kind("username", ["username"])


def test_folds_and_regions() -> None:
    assert region_of("GB-NIR") == "GB"
    assert fold_of("phone", "GB") == "phone:GB"
    assert (fold_of("phone"), fold_of("name"), fold_of("iban")) == ("phone", "name", "text")
    with pytest.raises(ValueError, match="unknown fold"):
        folded("iban", "x")


def test_predicates_come_back_from_data() -> None:
    for where in (
        Folded("a", "phone:GB", ("+442890180001",)), Within("b", "email", ("a@x.test", "b@x.test")),
    ):  # fmt: skip
        assert from_data(to_data(where)) == where
