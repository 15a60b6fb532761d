"""When is it due, and why that day? A pure engine: standard library only, no clock, no database, no settings.

calendars: which days count     counting: from one day to another, step by step     bank_holidays: those of years not listed yet
rules: what a council's policy makes of it     scope: which children it is about
"""
