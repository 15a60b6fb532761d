"""What the portal promises about speed, as ratios measured in one run: never a time, because machines differ (``make bench``)."""
