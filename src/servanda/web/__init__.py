"""The web faces: console for staff, portal for the people whose data it is, enquiry form, API.

from servanda.web import start
start.configure(folder)      # before anything of Django is used
"""
