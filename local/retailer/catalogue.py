"""
Make five hundred invented products in the departments that real baskets have.

Called by   local/seed.py, the other modules of local/retailer, bench
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

# Department -> (prefix of its skus, number of products, class, lightest and heaviest in grams, goods).
DEPARTMENTS: dict[str, tuple[str, int, str, tuple[int, int], tuple[str, ...]]] = {
    "GROCERY": (
        "GRO",
        215,
        "AMBIENT",
        (150, 2500),
        (
            "Rolled Oats",
            "Red Lentils",
            "Basmati Rice",
            "Penne",
            "Tomato Passata",
            "Black Beans",
            "Olive Oil",
            "Green Tea",
            "Ground Coffee",
            "Corn Flakes",
            "Wildflower Honey",
            "Strawberry Jam",
            "Dark Chocolate",
            "Sea Salt",
            "Sparkling Water",
            "Apple Juice",
            "Peanut Butter",
            "Wheat Crackers",
            "Chickpeas",
            "Plain Flour",
        ),
    ),
    "DRUG GM": (
        "GEN",
        75,
        "AMBIENT",
        (80, 1800),
        (
            "Dish Soap",
            "Laundry Liquid",
            "Paper Towels",
            "Toothpaste",
            "Hand Wash",
            "Batteries",
            "Light Bulb",
            "Storage Box",
            "Notebook",
            "Sponges",
        ),
    ),
    "PRODUCE": (
        "PRO",
        50,
        "FRESH",
        (200, 2000),
        (
            "Gala Apples",
            "Bananas",
            "Carrots",
            "Baby Spinach",
            "Tomatoes",
            "Sweet Potatoes",
            "Red Onions",
            "Lemons",
            "Cucumbers",
            "Avocados",
        ),
    ),
    "MEAT-PCKGD": (
        "PMT",
        25,
        "CHILLED",
        (200, 1000),
        ("Turkey Slices", "Smoked Bacon", "Frankfurters", "Salami", "Ham"),
    ),
    "MEAT": (
        "MEA",
        25,
        "CHILLED",
        (300, 1500),
        ("Chicken Thighs", "Minced Beef", "Pork Chops", "Lamb Leg", "Beef Stew"),
    ),
    "DELI": ("DEL", 20, "CHILLED", (150, 900), ("Hummus", "Potato Salad", "Olives", "Coleslaw")),
    "COSMETICS": ("COS", 20, "AMBIENT", (30, 400), ("Lip Balm", "Face Cream", "Shampoo", "Nail Varnish")),
    "PASTRY": ("PAS", 15, "FRESH", (100, 900), ("Sourdough Loaf", "Butter Croissant", "Lemon Cake")),
    "NUTRITION": ("NUT", 15, "AMBIENT", (100, 1200), ("Protein Bar", "Multivitamins", "Oat Bites")),
    "SEAFOOD": ("SEA", 10, "CHILLED", (150, 900), ("Salmon Fillet", "Prawns")),
    "FLORAL": ("FLO", 10, "FRESH", (300, 1500), ("Tulips", "Fern in a Pot")),
    "SPIRITS": ("SPI", 10, "AMBIENT", (600, 1500), ("Alcohol-free Cider", "Ginger Cordial")),
    "GARDEN CENTER": ("GAR", 5, "AMBIENT", (200, 5000), ("Potting Soil",)),
    "MISCELLANEOUS": ("MIS", 5, "AMBIENT", (50, 1000), ("Gift Bag",)),
}
# Goods that only some nodes may send, because they burn or must stay cold on the way.
HAZMAT = ("Batteries", "Nail Varnish")
COLD_CLASSES = ("CHILLED",)
MARKDOWN = 150_000  # micro-units that a fresh unit loses when it is not sold today
# Grams in a litre of a packed product: of goods that are mostly air, and of all others.
AIRY, LITRE = {"Paper Towels": 120, "Storage Box": 150, "Sponges": 90, "Corn Flakes": 160, "Fern in a Pot": 200}, 550
MAKERS = (
    "Alder",
    "Brook",
    "Cairn",
    "Dune",
    "Elm Row",
    "Fallow",
    "Glen",
    "Hearth",
    "Iris",
    "Juniper",
    "Kiln",
    "Larch",
    "Mill Lane",
    "North Quay",
    "Orchard",
    "Pebble",
    "Quince",
    "Rowan",
    "Sill",
    "Thicket",
)
SIZES = ("", " Small", " Large", " Family Pack")


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    sku: str
    department: str
    title: str
    weight_g: int
    class_: str
    gtin: str
    thing: str

    @property
    def requires(self) -> list[str]:
        """The abilities that a node needs to send the product."""
        return [
            *(["cold"] if self.class_ in COLD_CLASSES else []),
            *(["hazmat"] if self.thing in HAZMAT else []),
        ]

    @property
    def dims_mm(self) -> list[int]:
        """The sides of a box of 3 to 2 to 1.5 that holds the product, in millimetres."""
        mm3 = self.weight_g * 1_000_000 // AIRY.get(self.thing, LITRE)
        return [max(20, round(part * (mm3 / 9) ** (1 / 3))) for part in (3.0, 2.0, 1.5)]

    @property
    def document(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "weight_g": self.weight_g,
            "class": self.class_,
            "department": self.department,
            "gtin": self.gtin,
            "categories": [self.department, self.thing],
            "dims_mm": self.dims_mm,
            **({"requires": self.requires} if self.requires else {}),
            **({"markdown_micros": MARKDOWN} if self.class_ == "FRESH" else {}),
        }


@cache
def products() -> tuple[Product, ...]:
    return tuple(
        _product(department, n, len(before))
        for before, department in _with_those_before()
        for n in range(DEPARTMENTS[department][1])
    )


def _with_those_before() -> list[tuple[range, str]]:
    """Return each department with the running numbers of all products before it."""
    out, before = [], 0
    for department, (_, count, *_rest) in DEPARTMENTS.items():
        out.append((range(before), department))
        before += count
    return out


def _product(department: str, n: int, before: int) -> Product:
    prefix, _, kind, (light, heavy), sold = DEPARTMENTS[department]
    thing, rest = sold[n % len(sold)], n // len(sold)
    return Product(
        sku=f"{prefix}-{n + 1:03d}",
        department=department,
        title=f"{MAKERS[(rest + 7 * (n % len(sold))) % len(MAKERS)]} {thing}{SIZES[rest % len(SIZES)]}",
        weight_g=light + (heavy - light) * (n * 37 % 101) // 100,
        class_=kind,
        gtin=_gtin(before + n + 1),
        thing=thing,
    )


def _gtin(number: int) -> str:
    """Return a GTIN-13 with its check digit, from the range that GS1 reserves for use inside a company (prefix 2)."""
    digits = f"2{number:011d}"
    total = sum(int(digit) * (3 if i % 2 else 1) for i, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


@cache
def by_department() -> dict[str, tuple[Product, ...]]:
    return {name: tuple(p for p in products() if p.department == name) for name in DEPARTMENTS}
