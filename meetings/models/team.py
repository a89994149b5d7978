"""Teams: who sees whose calls. Django's groups, under the name that pages give them."""

from django.contrib.auth.models import Group


class Team(Group):
    """People who see one another's calls, but for the private ones."""

    class Meta:
        proxy = True
        ordering = ["name"]
