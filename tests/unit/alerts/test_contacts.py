"""``alerts.toml``: whom to tell; what cannot be is refused by its field."""

import pytest

from depotlib.alerts.contacts import read_alert_file
from depotlib.errors import AlertFileError
from depotlib.model.alert import RULES

MAIL = '[mail]\nhost = "mail.example.org"\nsender = "depot@example.org"\n'
CONTACT = '[[contact]]\nname = "desk"\n'


def read(tmp_path, text: str):
    path = tmp_path / "alerts.toml"
    path.write_text(text, encoding="utf-8")
    return read_alert_file(path)


def test_without_a_file_nobody_is_told_but_the_page(tmp_path):
    file = read_alert_file(tmp_path / "alerts.toml")

    assert (file.contact, file.mail) == ((), None)
    assert file.limits.peak_share == 0.9  # the issue: peak at 90 % of the target


def test_a_contact_hears_of_everything_at_once_unless_it_says_otherwise(tmp_path):
    (contact,) = read(tmp_path, f'{MAIL}{CONTACT}mail = "desk@example.org"').contact

    assert (contact.level, contact.rules, contact.channels()) == (0, RULES, ("mail",))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("= 1", "not a file of alerts"),
        (f"{MAIL}{CONTACT}", "give mail, webhook or both"),
        (f'{CONTACT}mail = "desk@example.org"', "no [mail] server"),
        (f'{MAIL}{CONTACT}mail = "desk"', "contact.0.mail"),
        (f'{MAIL}{CONTACT}mail = "a@b.org\\nBcc: c@d.org"', "contact.0.mail"),
        (f'{CONTACT}webhook = "http://screen.example.org/"', "https"),
        (f'{CONTACT}webhook = "file:///etc/passwd"', "https"),
        (f'{MAIL}user = "depot"\nsecurity = "none"', "in the clear"),
        (f'{CONTACT}webhook = "https://a.org"\n' * 2, "a name of its own"),
        (f'{CONTACT}webhook = "https://a.org"\nrules = ["van_at_risc"]', "contact.0.rules"),
        ("[limits]\npeak_share = nan", "limits.peak_share"),
        ("[mail]\npassword = 1", "mail"),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(tmp_path, text, words):
    with pytest.raises(AlertFileError) as caught:
        read(tmp_path, text)

    assert words in str(caught.value)


def test_on_this_machine_plain_http_and_plain_mail_will_do(tmp_path):
    text = (
        '[mail]\nhost = "127.0.0.1"\nport = 2525\nsender = "d@e.org"\nuser = "u"\n'
        f'security = "none"\n{CONTACT}mail = "a@b.org"\nwebhook = "http://localhost:9/x"'
    )

    (contact,) = read(tmp_path, text).contact

    assert contact.channels() == ("mail", "webhook")
