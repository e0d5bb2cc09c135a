from datetime import date

from pricing.catalogue import Catalogue
from pricing.sources.listing import Listing


def parse(content: bytes, *, catalogue: Catalogue, on: date) -> Listing:
    raise NotImplementedError
