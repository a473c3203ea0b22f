"""The summary table: one row per layer, columns of one's own choice, totals pinned below."""
