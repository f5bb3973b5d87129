"""The names of the demo's vessels."""

NAMES = (
    "Aurora", "Borealis", "Calypso Star", "Cap Finistère", "Ålesund Fjord", "Königin Luise", "Santa María del Mar",
    "Étoile de Bretagne", "Stella Polaris", "Niña de Cádiz", "Gdańsk Pearl", "São Rafael", "Dona Inês de Castro",
    "Fenja", "Hurtig Vind", "Jökull", "Þórshamar", "Meridian", "Iskra", "Мурманск", "Северное сияние",
    "Αργώ", "Ποσειδών", "北海道丸", "海洋之星", "さくら", "한라산호", "سفينة النور", "İzmir Körfezi",
    "Yıldız",
    "Ocean Pioneer", "Pacific Lantern", "Atlantic Heron", "Baltic Tern", "Coral Strait", "Delta Queen of the North",
    "Empress of the Southern Archipelago and the Outer Islands", "Faroe Falcon", "Golden Kestrel", "Hanse Kogge",
    "Isla Bonita", "Juniper Bay", "Kestrel Sound", "Lady of Shalott", "Mistral", "Northern Lights", "Oyster Catcher",
    "Petrel", "Quicksilver", "Río de la Plata", "Sirocco", "Tramontana", "Ultramarine", "Valkyrja", "Windward Passage",
    "Xanthe", "Yucatán", "Zephyr", "Albatros", "Bonaventure", "Cormorant", "Dunkerque", "Estrella do Sul", "Fulmar",
    "Grand Banks", "Hibernia",
)  # fmt: skip


def name_of(number: int) -> str:
    """Of the vessel number 1, 2, 3 …; after the last name they begin again, as "Aurora 2"."""
    round_, index = divmod(number - 1, len(NAMES))
    return NAMES[index] if round_ == 0 else f"{NAMES[index]} {round_ + 1}"
