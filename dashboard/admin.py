"""What an admin sets about the review of calls."""

from django import forms
from django.contrib import admin

from dashboard.models import FigureAim
from dashboard.stats.tiles import BY_NAME, TILES


class AimForm(forms.ModelForm):
    """Names a figure as the page of a call does, with the aim that it has by itself."""

    figure = forms.ChoiceField(
        choices=[
            (tile.name, f"{tile.label} ({tile.aim})" if tile.aim else tile.label)
            for tile in TILES
        ]
    )

    class Meta:
        model = FigureAim
        fields = ("figure", "low", "high", "shown")


@admin.register(FigureAim)
class FigureAimAdmin(admin.ModelAdmin):
    form = AimForm
    list_display = ("label", "low", "high", "shown")

    @admin.display(description="Figure", ordering="figure")
    def label(self, row: FigureAim) -> str:
        tile = BY_NAME.get(row.figure)
        return tile.label if tile else row.figure
