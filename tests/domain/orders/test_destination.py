"""An order keeps only a coarse place: 0.1 degree, and three characters of the postal code."""

from comanda.domain.orders.destination import Destination, coarse, postal_prefix


def test_an_order_keeps_the_first_part_of_a_postal_code_in_capitals():
    assert [postal_prefix(code) for code in (" sw1a 1aa", "E1 6AN", "10001-1234", "m5v2t6", "00-950", "")] == [
        "SW1",
        "E1",
        "100",
        "M5V",
        "00",
        "",
    ]


def test_an_order_keeps_coordinates_of_a_tenth_of_a_degree():
    address = {"country": "US", "region": "IL", "postal_code": "60601", "precision": None}

    assert coarse(**address, latitude=41.8853, longitude=-87.6221) == Destination(
        country="US", region="IL", postal_prefix="606", latitude=41.9, longitude=-87.6
    )
    assert coarse(**address, latitude=None, longitude=None).latitude is None
