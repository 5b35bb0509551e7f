"""The authentication matrix: who calls as whom, what is shown, and what becomes of it.

``tls`` names the certificate shown at the encrypted door (empty: none); a password is that of the
station it names, else the text itself.
"""

MATRIX = {
    # profile 1: a password over ws
    "1 right": ("CP-1", {"password": "CP-1"}, "in"),
    "1 wrong": ("CP-1", {"password": "wrong"}, 401),
    "1 missing": ("CP-1", {}, 401),
    "1 empty": ("CP-1", {"password": ""}, 401),
    "1 other station's": ("CP-1", {"password": "CP-4"}, 401),
    "1 other station's name and password": ("CP-1", {"password": "CP-4", "user": "CP-4"}, 401),
    "1 other station's name": ("CP-1", {"password": "CP-1", "user": "CP-4"}, 401),
    "1 replaced password": ("CP-1", {"password": "replaced"}, 401),
    "1 rogue CA": ("CP-1", {"tls": "rogue", "password": "CP-1"}, "tls"),
    "1 unknown station": ("CP-99", {"password": "CP-1"}, 404),
    "1 never given one": ("CP-0", {"password": "CP-1"}, 401),
    # profile 2: a password over TLS
    "2 right": ("CP-2", {"tls": "", "password": "CP-2"}, "in"),
    "2 wrong": ("CP-2", {"tls": "", "password": "wrong"}, 401),
    "2 missing": ("CP-2", {"tls": ""}, 401),
    "2 other station's": ("CP-2", {"tls": "", "password": "CP-1"}, 401),
    "2 downgrade to 1": ("CP-2", {"password": "CP-2"}, 401),
    "2 downgrade to 0": ("CP-2", {}, 401),
    "2 replaced password": ("CP-2", {"tls": "", "password": "replaced"}, 401),
    "2 other station's certificate": ("CP-2", {"tls": "CP-3", "password": "CP-2"}, 401),
    "2 expired certificate": ("CP-2", {"tls": "expired", "password": "CP-2"}, "tls"),
    "2 rogue CA": ("CP-2", {"tls": "rogue", "password": "CP-2"}, "tls"),
    # profile 3: a client certificate
    "3 right": ("CP-3", {"tls": "CP-3"}, "in"),
    "3 wrong operator": ("CP-3", {"tls": "stranger"}, "tls"),
    "3 missing": ("CP-3", {"tls": ""}, 401),
    "3 other station's": ("CP-3", {"tls": "CP-2"}, 401),
    "3 downgrade to 2": ("CP-3", {"tls": "", "password": "CP-3"}, 401),
    "3 downgrade to 1": ("CP-3", {"password": "CP-3"}, 401),
    "3 downgrade to 0": ("CP-3", {}, 401),
    "3 expired": ("CP-3", {"tls": "expired"}, "tls"),
    "3 rogue CA": ("CP-3", {"tls": "rogue"}, "tls"),
}  # fmt: skip
