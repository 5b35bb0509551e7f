"""E-mail by SMTP: encrypted unless the server is this machine or the file says otherwise."""

import smtplib
import ssl
from email.message import EmailMessage
from typing import Final

from depotlib.alerts.contacts import MailServer
from depotlib.errors import DeliveryError

TIMEOUT_S: Final = 10.0


def send_mail(server: MailServer, message: EmailMessage, *, password: str) -> None:
    """Hand a message to the server; when this returns, the server has taken it.

    Raises
    ------
    DeliveryError
        If it did not: not reached, not encrypted, refused.
    """
    try:
        with _connected(server) as connection:
            if server.security == "starttls":
                connection.starttls(context=ssl.create_default_context())
            if server.user:
                connection.login(server.user, password)
            connection.send_message(message)
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise DeliveryError(
            f"the mail server did not take the message: {_words(error)}",
            where=f"{server.host}:{server.port}",
            hint="check [mail] in alerts.toml and DEPOT_SMTP_PASSWORD",
        ) from error


def mail_of(subject: str, text: str, *, sender: str, to: str, message_id: str) -> EmailMessage:
    """Return a message that no mail program answers by itself."""
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = sender
    message["To"] = to
    message["Message-ID"] = f"<{message_id}@depotlib.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    return message


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.security == "tls":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)


def _words(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"
    return str(error) or type(error).__name__
