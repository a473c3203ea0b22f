"""The kinds, one file per family. Nothing is listed here: `paramdesk.engine.layer_kind.kinds` walks this folder."""
