"""Term dates as schools publish them, from TOML, CSV and iCalendar: one `Reading` for all three, whole or not at all.

drafts: what the formats share: dates as people write them, and the checks with the line of each mistake
toml_dates, csv_dates, ics_dates: one format each     files: from the bytes of a file to one of them
"""

from children.calendar_files import csv_dates
from children.calendar_files.drafts import Reading, kind_of
from children.calendar_files.files import LARGEST_FILE, read_file, read_term_dates
from children.calendar_files.toml_dates import EXAMPLE, as_toml

#: How each format is written, for the page.
EXAMPLES = {"TOML": EXAMPLE, "CSV": csv_dates.EXAMPLE}

__all__ = ["EXAMPLE", "EXAMPLES", "LARGEST_FILE", "Reading", "as_toml", "kind_of", "read_file", "read_term_dates"]
