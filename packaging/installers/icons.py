"""The icon in all sizes and containers; run it with the environment of the build, whose Qt draws.

python packaging/installers/icons.py FOLDER
"""

import os
import struct
import sys
from collections.abc import Mapping
from pathlib import Path

SOURCE = Path(__file__).resolve().parent.parent.parent / "resources" / "app.svg"
SIZES = (16, 22, 24, 32, 48, 64, 96, 128, 192, 256, 512, 1024)
OF_WINDOWS = (16, 24, 32, 48, 64, 128, 256)
# What macOS calls them, the doubled ones included.
OF_MACOS = {
    b"icp4": 16, b"icp5": 32, b"ic07": 128, b"ic08": 256, b"ic09": 512,
    b"ic11": 32, b"ic12": 64, b"ic13": 256, b"ic14": 512, b"ic10": 1024,
}  # fmt: skip


def ico(pictures: Mapping[int, bytes]) -> bytes:
    """Return pictures (PNG, by size) as one icon of Windows."""
    head = struct.pack("<HHH", 0, 1, len(pictures))
    place = len(head) + 16 * len(pictures)
    entries = b""
    for size, picture in sorted(pictures.items()):
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(picture), place)
        place += len(picture)
    return head + entries + b"".join(picture for _size, picture in sorted(pictures.items()))


def icns(pictures: Mapping[int, bytes]) -> bytes:
    """Return pictures (PNG, by size) as one icon of macOS."""
    parts = [kind + struct.pack(">I", len(pictures[size]) + 8) + pictures[size] for kind, size in OF_MACOS.items()]
    return b"icns" + struct.pack(">I", sum(map(len, parts)) + 8) + b"".join(parts)


def draw_one(size: int, path: Path) -> bytes:
    """Write the icon as a PNG of so many pixels, and return what was written."""
    from PySide6.QtGui import QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    image = QImage(size, size, QImage.Format.Format_ARGB32)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    QSvgRenderer(str(SOURCE)).render(painter)
    painter.end()
    if not image.save(str(path)):
        raise OSError(f"{path} could not be written")
    return path.read_bytes()


def draw(folder: Path) -> None:
    """Write SIZE.png for all sizes, paramdesk.ico and paramdesk.icns into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    pictures = {size: draw_one(size, folder / f"{size}.png") for size in SIZES}
    (folder / "paramdesk.ico").write_bytes(ico({size: pictures[size] for size in OF_WINDOWS}))
    (folder / "paramdesk.icns").write_bytes(icns(pictures))


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    draw(Path(sys.argv[1]))
