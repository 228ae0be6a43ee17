"""The database that a connection string means, without its user and password."""

import re
import warnings
from hashlib import blake2b
from pathlib import Path

from pymongo.errors import ConfigurationError as MongoConfigurationError
from pymongo.errors import InvalidURI
from pymongo.uri_parser import parse_uri

from crawler.errors import ConfigurationError

# It warns of options it does not know, which may be the rest of a password with a question mark.
warnings.filterwarnings("ignore", category=UserWarning, module=r"pymongo\.")

_SRV = re.compile(r"mongodb\+srv://(?:[^?]*@)?([^/?#:]*).*", re.DOTALL)


def address_of(uri: str) -> str:
    """Hosts and ports of a connection string; where it is empty, that it means our own server.

    Raises:
        ConfigurationError: it is malformed.
    """
    if not uri:
        return "Dateline's own server"
    if uri.startswith("mongodb+srv://"):  # whose hosts a name server would have to tell
        return _SRV.sub(r"\1", uri)
    try:
        nodes = parse_uri(uri, validate=False)["nodelist"]
    except (InvalidURI, MongoConfigurationError, ValueError) as error:
        what = re.split('[:"]', str(error))[0].strip()  # what follows may be of the password
        raise ConfigurationError(
            f"MONGODB_URI is no MongoDB address ({what}): "
            "write mongodb://HOST:PORT, or leave it unset to use Dateline's own server."
        ) from None
    return ",".join(sorted(f"{host}:{port}" if port else str(host) for host, port in nodes))


def spool_of(uri: str, name: str, data: Path) -> Path:
    """Return the folder of what waits for a database, by the arguments of `Database`."""
    place = blake2b(address_of(uri).encode(), digest_size=4).hexdigest()
    return data / "spool" / f"{name}-{place}"
