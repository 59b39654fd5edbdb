"""The console, and the admin's login page that it sends operators to."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("supchat/", include("supchat.urls")),
    path("admin/", admin.site.urls),
]
