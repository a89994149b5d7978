"""Customers, with the domains of their mail."""

from django.contrib import admin

from meetings.models import Account, AccountDomain


class AccountDomainInline(admin.TabularInline):
    model = AccountDomain
    extra = 1


@admin.register(Account)
class CustomerAdmin(admin.ModelAdmin):
    list_display = ("name", "stage", "deal", "amount", "currency", "created_at")
    list_filter = ("stage", "currency", "created_at")
    search_fields = ("name", "deal", "domains__domain")
    fields = ("name", "stage", "deal", "amount", "currency")
    inlines = (AccountDomainInline,)
