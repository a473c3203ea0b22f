"""The totals strip: six figures of the whole network under the tool bar."""
