"""Accounts and teams in the admin."""

from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django_rq.models import Dashboard as Queues

from config import accounts
from meetings.models import Team

# Groups are teams here, people sign in by the address of their account, and jobs are
# rows of ours; Django-RQ's dashboard has styles that the policy of our pages forbids.
admin.site.unregister([Group, User, EmailAddress, Queues])

NOBODY_ELSE = "None: sees only calls that they hold or join"


class AccountForm(forms.ModelForm):
    """An account is its e-mail address: people sign in by it."""

    class Meta:
        model = User
        fields = ("email", "first_name", "last_name", "groups")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "email" in self.fields:
            self.fields["email"].required = True
        if "groups" in self.fields:
            self.fields["groups"].label = "Teams"
            self.fields[
                "groups"
            ].help_text = "People in one team see one another's calls."

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        others = User.objects.exclude(pk=self.instance.pk)
        if others.filter(email__iexact=email).exists():
            raise forms.ValidationError("Somebody has this address already.")
        return email


class NewAccountForm(AccountForm):
    """A new one has no password: a link signs it in for the first time."""

    def save(self, commit: bool = True) -> User:
        user: User = super().save(commit=False)
        name = user.email.lower()[:150]  # nobody types it; it may have been another's
        taken = User.objects.filter(username=name).exists()
        user.username = uuid4().hex if taken else name
        user.set_unusable_password()
        if commit:
            user.save()
            self.save_m2m()
        return user


class NoTeam(admin.SimpleListFilter):
    title = "team"
    parameter_name = "team"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        teams = [(str(pk), name) for pk, name in Team.objects.values_list("pk", "name")]
        return [("none", "In no team"), *teams]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> Any:
        if self.value() == "none":
            return queryset.filter(pk__in=accounts.without_team())
        team = self.value() or ""
        return queryset.filter(groups=int(team)) if team.isdecimal() else queryset


@admin.register(User)
class AccountAdmin(UserAdmin):
    form = AccountForm
    add_form = NewAccountForm
    add_form_template = None
    list_display = (
        "email",
        "full_name",
        "teams",
        "is_active",
        "is_staff",
        "last_login",
    )
    list_filter = (NoTeam, "is_active", "is_staff", "is_superuser")
    search_fields = ("email", "first_name", "last_name", "username")
    ordering = ("email",)
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined", "sign_in_link")
    add_fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "groups")}),
    )
    fieldsets = (
        (None, {"fields": ("email", "first_name", "last_name", "groups")}),
        ("Signing in", {"fields": ("is_active", "sign_in_link", "last_login")}),
        (
            "Rights",
            {
                "description": "Staff may open the admin, and there what is chosen "
                "below. A superuser sees every call and may do everything.",
                "classes": ("collapse",),
                "fields": ("is_staff", "is_superuser", "user_permissions"),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        rights = () if is_superuser(request) else RIGHTS
        return (*super().get_readonly_fields(request, obj), *rights)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Who may change accounts takes over none with more rights."""
        higher = obj is not None and (obj.is_staff or obj.is_superuser)
        if higher and not is_superuser(request):
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        may = super().has_delete_permission(request, obj)
        return may and self.has_change_permission(request, obj)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.link_view)
        return [path("<int:pk>/link/", view, name="sign_in_link"), *super().get_urls()]

    def link_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The link to copy; a POST sends it by mail."""
        user = self.get_object(request, str(pk))
        if user is None or not self.has_change_permission(request, user):
            raise PermissionDenied
        if request.method == "POST":
            self._send(request, user)
            return redirect(request.path)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Sign-in link for {accounts.display_name(user)}",
            "opts": self.opts,
            "person": user,
            "teams": user.groups.all(),
            "link": accounts.sign_in_address(user) if user.is_active else "",
        }
        return render(request, "admin/auth/user/link.html", context)

    def response_add(
        self, request: HttpRequest, obj: User, post_url_continue: Any = None
    ) -> HttpResponse:
        self._send(request, obj)
        return redirect("admin:sign_in_link", obj.pk)

    def _send(self, request: HttpRequest, user: User) -> None:
        if not accounts.sends_mail():
            return
        if accounts.mail_sign_in_link(user):
            messages.success(request, f"The link was sent to {user.email}.")
        else:
            text = "The mail server did not take the link: copy it from here."
            messages.error(request, text)

    @admin.display(description="Name", ordering="first_name")
    def full_name(self, user: User) -> str:
        return accounts.display_name(user)

    @admin.display(description="Teams")
    def teams(self, user: User) -> str:
        names = ", ".join(group.name for group in user.groups.all())
        return names or ("All" if user.is_superuser else NOBODY_ELSE)

    @admin.display(description="Sign-in link")
    def sign_in_link(self, user: User) -> SafeString:
        address = reverse("admin:sign_in_link", args=[user.pk])
        return format_html('<a href="{}">Copy or send a sign-in link</a>', address)


RIGHTS = ("is_staff", "is_superuser", "user_permissions")


def is_superuser(request: HttpRequest) -> bool:
    return bool(getattr(request.user, "is_superuser", False))


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin):
    fields = ("name", "members")
    readonly_fields = ("members",)
    list_display = ("name", "members")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("user_set")

    @admin.display(description="People")
    def members(self, team: Team) -> str:
        people = team.user_set.all() if team.pk else ()
        names = ", ".join(accounts.display_name(user) for user in people)
        return names or "Nobody yet: people are put into teams at Users"
