"""Countries that SignalSMS's dialect sends to: ISO code, calling code and name. It knows no price.

Calling codes are those of E.164. A country that shares its code with others is told by further digits; Canada's and the
other members' area codes stand here in full, and what none of them has is the United States.
"""

from functools import lru_cache
from typing import Final, NamedTuple


class Country(NamedTuple):
    """One destination."""

    iso: str
    name: str


_CANADIAN: Final = (
    "1204 1226 1236 1249 1250 1257 1263 1289 1306 1343 1354 1365 1367 1368 1382 1387 1403 1416 1418 1428 1431 1437 "
    "1438 1450 1460 1468 1474 1506 1514 1519 1537 1548 1568 1579 1581 1584 1587 1604 1613 1639 1647 1672 1683 1705 "
    "1709 1742 1753 1778 1780 1782 1807 1819 1825 1867 1873 1879 1902 1905"
)

_ROWS: Final = f"""\
US 1 United States
CA {_CANADIAN} Canada
AG 1268 Antigua and Barbuda
AI 1264 Anguilla
AS 1684 American Samoa
BB 1246 Barbados
BM 1441 Bermuda
BS 1242 Bahamas
DM 1767 Dominica
DO 1809 1829 1849 Dominican Republic
GD 1473 Grenada
GU 1671 Guam
JM 1876 1658 Jamaica
KN 1869 Saint Kitts and Nevis
KY 1345 Cayman Islands
LC 1758 Saint Lucia
MP 1670 Northern Mariana Islands
MS 1664 Montserrat
PR 1787 1939 Puerto Rico
SX 1721 Sint Maarten
TC 1649 Turks and Caicos Islands
TT 1868 Trinidad and Tobago
VC 1784 Saint Vincent and the Grenadines
VG 1284 British Virgin Islands
VI 1340 US Virgin Islands
EG 20 Egypt
SS 211 South Sudan
MA 212 Morocco
DZ 213 Algeria
TN 216 Tunisia
LY 218 Libya
GM 220 Gambia
SN 221 Senegal
MR 222 Mauritania
ML 223 Mali
GN 224 Guinea
CI 225 Ivory Coast
BF 226 Burkina Faso
NE 227 Niger
TG 228 Togo
BJ 229 Benin
MU 230 Mauritius
LR 231 Liberia
SL 232 Sierra Leone
GH 233 Ghana
NG 234 Nigeria
TD 235 Chad
CF 236 Central African Republic
CM 237 Cameroon
CV 238 Cape Verde
ST 239 Sao Tome and Principe
GQ 240 Equatorial Guinea
GA 241 Gabon
CG 242 Congo
CD 243 Democratic Republic of the Congo
AO 244 Angola
GW 245 Guinea-Bissau
SC 248 Seychelles
SD 249 Sudan
RW 250 Rwanda
ET 251 Ethiopia
SO 252 Somalia
DJ 253 Djibouti
KE 254 Kenya
TZ 255 Tanzania
UG 256 Uganda
BI 257 Burundi
MZ 258 Mozambique
ZM 260 Zambia
MG 261 Madagascar
RE 262 Reunion
ZW 263 Zimbabwe
NA 264 Namibia
MW 265 Malawi
LS 266 Lesotho
BW 267 Botswana
SZ 268 Eswatini
KM 269 Comoros
ZA 27 South Africa
ER 291 Eritrea
AW 297 Aruba
FO 298 Faroe Islands
GL 299 Greenland
GR 30 Greece
NL 31 Netherlands
BE 32 Belgium
FR 33 France
ES 34 Spain
GI 350 Gibraltar
PT 351 Portugal
LU 352 Luxembourg
IE 353 Ireland
IS 354 Iceland
AL 355 Albania
MT 356 Malta
CY 357 Cyprus
FI 358 Finland
BG 359 Bulgaria
HU 36 Hungary
LT 370 Lithuania
LV 371 Latvia
EE 372 Estonia
MD 373 Moldova
AM 374 Armenia
BY 375 Belarus
AD 376 Andorra
MC 377 Monaco
SM 378 San Marino
UA 380 Ukraine
RS 381 Serbia
ME 382 Montenegro
XK 383 Kosovo
HR 385 Croatia
SI 386 Slovenia
BA 387 Bosnia and Herzegovina
MK 389 North Macedonia
IT 39 Italy
RO 40 Romania
CH 41 Switzerland
CZ 420 Czechia
SK 421 Slovakia
LI 423 Liechtenstein
AT 43 Austria
GB 44 United Kingdom
DK 45 Denmark
SE 46 Sweden
NO 47 Norway
PL 48 Poland
DE 49 Germany
FK 500 Falkland Islands
BZ 501 Belize
GT 502 Guatemala
SV 503 El Salvador
HN 504 Honduras
NI 505 Nicaragua
CR 506 Costa Rica
PA 507 Panama
PM 508 Saint Pierre and Miquelon
HT 509 Haiti
PE 51 Peru
MX 52 Mexico
CU 53 Cuba
AR 54 Argentina
BR 55 Brazil
CL 56 Chile
CO 57 Colombia
VE 58 Venezuela
GP 590 Guadeloupe
BO 591 Bolivia
GY 592 Guyana
EC 593 Ecuador
GF 594 French Guiana
PY 595 Paraguay
MQ 596 Martinique
SR 597 Suriname
UY 598 Uruguay
CW 599 Curacao
MY 60 Malaysia
AU 61 Australia
ID 62 Indonesia
PH 63 Philippines
NZ 64 New Zealand
SG 65 Singapore
TH 66 Thailand
TL 670 Timor-Leste
BN 673 Brunei
NR 674 Nauru
PG 675 Papua New Guinea
TO 676 Tonga
SB 677 Solomon Islands
VU 678 Vanuatu
FJ 679 Fiji
PW 680 Palau
WF 681 Wallis and Futuna
CK 682 Cook Islands
WS 685 Samoa
KI 686 Kiribati
NC 687 New Caledonia
TV 688 Tuvalu
PF 689 French Polynesia
FM 691 Micronesia
MH 692 Marshall Islands
RU 7 Russia
KZ 76 77 Kazakhstan
JP 81 Japan
KR 82 South Korea
VN 84 Vietnam
HK 852 Hong Kong
MO 853 Macao
KH 855 Cambodia
LA 856 Laos
CN 86 China
BD 880 Bangladesh
TW 886 Taiwan
TR 90 Turkey
IN 91 India
PK 92 Pakistan
AF 93 Afghanistan
LK 94 Sri Lanka
MM 95 Myanmar
MV 960 Maldives
LB 961 Lebanon
JO 962 Jordan
SY 963 Syria
IQ 964 Iraq
KW 965 Kuwait
SA 966 Saudi Arabia
YE 967 Yemen
OM 968 Oman
PS 970 Palestine
AE 971 United Arab Emirates
IL 972 Israel
BH 973 Bahrain
QA 974 Qatar
BT 975 Bhutan
MN 976 Mongolia
NP 977 Nepal
IR 98 Iran
TJ 992 Tajikistan
TM 993 Turkmenistan
AZ 994 Azerbaijan
GE 995 Georgia
KG 996 Kyrgyzstan
UZ 998 Uzbekistan
"""


def _read() -> tuple[dict[str, Country], dict[str, Country]]:
    """Countries by ISO code and by prefix."""
    by_iso: dict[str, Country] = {}
    by_prefix: dict[str, Country] = {}
    for row in _ROWS.splitlines():
        iso, *words = row.split()
        prefixes = [word for word in words if word.isdecimal()]
        country = Country(iso, " ".join(words[len(prefixes) :]))
        by_iso[iso] = country
        by_prefix |= dict.fromkeys(prefixes, country)
    return by_iso, by_prefix


COUNTRIES, PREFIXES = _read()
_LONGEST: Final = max(map(len, PREFIXES))


@lru_cache(maxsize=4096)
def _of_beginning(digits: str) -> Country | None:
    return next((PREFIXES[digits[:end]] for end in range(len(digits), 0, -1) if digits[:end] in PREFIXES), None)


def country_of(digits: str) -> Country | None:
    """The country of a number by its longest prefix; None where no country has it."""
    return _of_beginning(digits[:_LONGEST])


__all__ = ["COUNTRIES", "PREFIXES", "Country", "country_of"]
