"""Keeps the browser on this machine: the dashboard would ask a public server for a library it can do without."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

_POLICY = "script-src 'self' 'unsafe-inline'"


def stay_here(answer: Callable[[HttpRequest], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """A middleware that lets pages run scripts of this site only."""

    def respond(request: HttpRequest) -> HttpResponseBase:
        response = answer(request)
        response["Content-Security-Policy"] = _POLICY
        return response

    return respond
