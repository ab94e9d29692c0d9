"""
Make the tables of the regions of every country by code and by name, and of the regions that postal codes lie in. The
regions are from the package pycountry (ISO 3166-2).

Called by   infra/geography.py
Returns     for each country the JSON that comanda.domain.geography.regions reads
Raises      nothing
"""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from comanda.domain.geography.regions import fold

# Names in use that ISO 3166-2 does not have: in English, in another language of the country, short or former ones.
_ALSO = {
    "US": {
        "DC": "Washington DC;D.C.;Washington D.C.", "VI": "US Virgin Islands;Virgin Islands of the United States",
        "MP": "CNMI;Saipan", "AA": "Armed Forces Americas;Armed Forces the Americas;Armed Forces of the Americas",
        "AE": "Armed Forces Europe;Armed Forces Africa;Armed Forces Canada;Armed Forces Middle East;Armed Forces Europe, the Middle East, and Canada",
        "AP": "Armed Forces Pacific", "FM": "Federated States of Micronesia;Micronesia", "MH": "Marshall Islands", "PW": "Palau",
    },
    "CA": {
        "QC": "Québec;PQ", "NL": "Newfoundland;Labrador;Newfoundland & Labrador;NF;Terre-Neuve-et-Labrador", "BC": "Colombie-Britannique",
        "PE": "PEI;P.E.I.;Île-du-Prince-Édouard", "NB": "Nouveau-Brunswick", "NS": "Nouvelle-Écosse", "YT": "Yukon Territory;YK",
        "NT": "NWT;Territoires du Nord-Ouest", "AB": "Alta", "SK": "Sask", "MB": "Man", "ON": "Ont",
    },
    "MX": {
        "CMX": "CDMX;Mexico City;DF;D.F.;Distrito Federal;DIF", "MEX": "Estado de México;Edomex;State of Mexico;México",
        "MIC": "Michoacán", "VER": "Veracruz", "COA": "Coahuila", "NLE": "NL;N.L.", "JAL": "Jal", "BCN": "BC", "QUE": "Querétaro de Arteaga;QRO",
        "ROO": "QR", "AGU": "AGS", "GUA": "GTO", "CHP": "CHIS", "CHH": "CHIH", "TAM": "TAMPS", "TLA": "TLAX", "CAM": "CAMP",
    },
    "GB": {"ENG": "England;EN", "SCT": "Scotland;SC", "WLS": "Wales;Cymru;WA", "NIR": "Northern Ireland;NI", "LND": "London;City of London;Greater London"},
    "DE": {
        "BY": "Bavaria;Freistaat Bayern", "NI": "Lower Saxony", "NW": "North Rhine-Westphalia;NRW", "RP": "Rhineland-Palatinate;RLP",
        "SN": "Saxony;Freistaat Sachsen", "ST": "Saxony-Anhalt", "TH": "Thuringia;Freistaat Thüringen", "HE": "Hesse",
        "MV": "Mecklenburg-Western Pomerania;Mecklenburg-West Pomerania", "BW": "Baden-Wuerttemberg", "HH": "Freie und Hansestadt Hamburg",
        "HB": "Freie Hansestadt Bremen",
    },
    "ES": {
        "CT": "Catalonia;Cataluña", "AN": "Andalusia", "AR": "Aragon", "PV": "Basque Country;Euskadi", "CN": "Canary Islands;Islas Canarias",
        "IB": "Balearic Islands;Baleares;Islas Baleares", "CL": "Castile and León", "CM": "Castile-La Mancha", "NC": "Navarre;Comunidad Foral de Navarra",
        "VC": "Comunidad Valenciana;Comunitat Valenciana;Valencian Community", "MD": "Community of Madrid", "GA": "Galiza",
    },
    "FR": {"75C": "75;Paris", "BRE": "Brittany", "NOR": "Normandy", "20R": "Corsica", "IDF": "Ile de France", "GES": "Grand Est", "PDL": "Pays de la Loire", "PAC": "PACA"},
    "IT": {
        "25": "Lombardy", "21": "Piedmont", "52": "Tuscany", "82": "Sicily", "88": "Sardinia", "75": "Apulia", "23": "Aosta Valley",
        "36": "Friuli-Venezia Giulia", "32": "Trentino-South Tyrol;Trentino-Alto Adige/Südtirol", "62": "Latium", "57": "The Marches",
    },
    "PT": {"11": "Lisbon;Distrito de Lisboa", "13": "Oporto", "20": "Açores;Azores", "30": "Madeira"},
    "NL": {"NH": "North Holland", "ZH": "South Holland", "NB": "North Brabant", "FR": "Friesland", "ZE": "Zealand"},
    "JP": {"13": "Tokyo-to;Tōkyō;東京都", "27": "Osaka-fu;Ōsaka;大阪府", "26": "Kyoto-fu;Kyōto;京都府", "01": "Hokkaidō;北海道", "28": "Hyōgo", "39": "Kōchi", "44": "Ōita"},
    "AU": {"NSW": "N.S.W.", "VIC": "Vic.", "QLD": "Qld.", "ACT": "A.C.T.", "TAS": "Tas."},
    "BR": {"DF": "Brasília", "SP": "Estado de São Paulo", "RJ": "Estado do Rio de Janeiro"},
}  # fmt: skip

# The first character of a Canadian code is its province; a few codes of Ottawa are of offices in Quebec.
_CANADA = {
    **dict.fromkeys("GHJ", "QC"), **dict.fromkeys("KLMNP", "ON"), "A": "NL", "B": "NS", "C": "PE", "E": "NB", "R": "MB",
    "S": "SK", "T": "AB", "V": "BC", "X": "NT NU", "Y": "YT", "K1A": "ON QC",
}  # fmt: skip
# The first two digits of a Spanish code are its province.
_SPAIN = "VI AB A AL AV BA PM B BU CC CA CS CR CO C CU GI GR GU SS H HU J LE L LO LU M MA MU NA OR O P GC PO SA TF S SG SE SO T TE TO V VA BI ZA Z CE ML"
_MILITARY = {**{f"{n:03}": "AE" for n in range(90, 99)}, "340": "AA", **{str(n): "AP" for n in range(962, 967)}}


def tables() -> Mapping[str, bytes]:
    """Return the regions of each country as JSON."""
    import pycountry

    found: defaultdict[str, list[tuple[str, str, str]]] = defaultdict(list)
    for one in pycountry.subdivisions:
        country, _, code = one.code.partition("-")
        found[country].append((code, one.name, (one.parent_code or "").partition("-")[2]))
    postal = {"US": _united_states(), "BR": _brazil(), "CA": _CANADA, "ES": {f"{n:02}": code for n, code in enumerate(_SPAIN.split(), 1)}}  # fmt: skip
    return {country: _table(country, rows, postal.get(country, {})) for country, rows in sorted(found.items())}


def root(table: Mapping[str, Mapping[str, str]], code: str) -> str:
    """Return the region of the country's first level that a region lies in."""
    while (parent := table["parents"].get(code)) is not None:
        code = parent
    return code


def _table(country: str, rows: Iterable[tuple[str, str, str]], postal: Mapping[str, str]) -> bytes:
    """Return the JSON of one country. Where names are the same, codes go before names, and names of the first level
    before those of the levels below."""
    ranked = sorted(rows, key=lambda row: (not row[2], row[0]))  # a later name replaces an earlier one
    names = {fold(name): code for code, full, _ in ranked for name in _names(full)}
    also = _ALSO.get(country, {})
    names |= {fold(name): code for code, said in also.items() for name in said.split(";")}
    codes = {code for code, _, _ in ranked} | set(also)
    names |= {fold(said): code for code in sorted(codes) for said in (code, f"{country}{code}")}
    parents = {code: parent for code, _, parent in ranked if parent}
    table = {"names": names, "parents": parents, "postal": postal}
    return json.dumps(table, separators=(",", ":"), sort_keys=True).encode()


def _names(full: str) -> Iterator[str]:
    """Yield the names in a name of the standard, such as "Catalunya [Cataluña]" and "Murcia, Región de"."""
    first, _, other = full.partition("[")
    for name in (first, re.sub(r"\s*\b[A-Z]{2}-[A-Z0-9]{1,3}\b", "", other.rstrip("]"))):
        plain = re.sub(r"[(*)]", "", name).strip()
        if plain:
            yield plain
            head, comma, tail = plain.partition(", ")
            if comma:
                yield head
                yield f"{tail} {head}"


def _united_states() -> dict[str, str]:
    import zipcodes

    military = ("AA", "AE", "AP")
    rows = zipcodes.list_all()  # type: ignore[no-untyped-call]  # says that it is typed
    return (
        _prefixes(Counter((row["zip_code"], row["state"]) for row in rows if row["state"] not in military)) | _MILITARY
    )


def _brazil() -> dict[str, str]:
    from infra import ceps

    return _prefixes(ceps.counted())


def _prefixes(counted: Mapping[tuple[str, str], int]) -> dict[str, str]:
    """
    Return the regions by the first three characters of their codes, the region with most codes first. Longer beginnings
    are added where another region has them.

    `counted` has the number of codes by (first five characters, region).
    """
    groups: defaultdict[str, Counter[str]] = defaultdict(Counter)
    fine: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (beginning, region), codes in counted.items():
        groups[beginning[:3]][region] += codes
        fine[beginning][region] += codes
    found = {prefix: " ".join(region for region, _ in count.most_common()) for prefix, count in groups.items()}
    for prefix, count in fine.items():
        mine = " ".join(region for region, _ in count.most_common())
        if len(groups[prefix[:3]]) > 1 and not found[prefix[:3]].startswith(mine):
            found[prefix] = mine
    return found
