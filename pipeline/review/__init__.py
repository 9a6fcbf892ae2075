"""The editor's desk: drafts are reviewed here, and only what was approved is published."""
