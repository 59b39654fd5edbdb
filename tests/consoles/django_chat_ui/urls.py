"""The console's interface, the operator's page and its login."""

from django.contrib import admin
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import LoginView
from django.urls import include, path
from django.views.generic import TemplateView

urlpatterns = [
    path("chat/", include("django_chat_ui.urls")),
    path("admin/", admin.site.urls),  # the login page is the admin's and links there
    path("login/", LoginView.as_view(template_name="admin/login.html")),
    path("inbox/", login_required(TemplateView.as_view(template_name="inbox.html"))),
]
