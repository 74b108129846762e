"""Makes a thumbnail of a video: {"video": "videos/01.mp4", "image": "thumbs/01.jpg"} on standard input."""
import json
import os
import subprocess
import sys
from pathlib import Path

WRONG_DATA = 65  # EX_DATAERR of sysexits.h; martlet.yaml makes it permanent


def say(**words):
    """A line for the engine, at once: standard output is a pipe, and Python would keep it back."""
    print(json.dumps({"martlet": words}), flush=True)


def inside(name):
    """The path of a file below this folder, wherever the payload tries to lead."""
    folder = Path.cwd().resolve()
    path = (folder / name).resolve()
    if not path.is_relative_to(folder):
        raise ValueError(f"{name!r} is outside of {folder}")
    return path


def length(video):
    words = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", f"file:{video}"]
    return float(subprocess.run(words, check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL).stdout)


def main():
    try:
        payload = json.load(sys.stdin)
        video, image = inside(payload["video"]), inside(payload["image"])
    except (ValueError, KeyError, TypeError) as error:
        print(f"the payload cannot be used: {error}", file=sys.stderr)
        return WRONG_DATA
    if not video.is_file():
        print(f"there is no video {payload['video']!r}", file=sys.stderr)
        return WRONG_DATA

    image.parent.mkdir(parents=True, exist_ok=True)
    job, epoch = os.environ["MARTLET_JOB_ID"], os.environ["MARTLET_EPOCH"]
    # What earlier attempts at this job left behind when they were killed. They are gone: the engine ends a command with all it started.
    for leftover in image.parent.glob(f".{job}.*.jpg"):
        leftover.unlink(missing_ok=True)

    say(progress=0.1, message="looking for the middle")
    middle = length(video) / 2
    say(progress=0.4, message="making the picture")
    draft = image.parent / f".{job}.{epoch}.jpg"
    words = ["ffmpeg", "-nostdin", "-v", "error", "-y", "-ss", f"{middle:.3f}", "-i", f"file:{video}"]
    words += ["-frames:v", "1", "-vf", "scale=160:-2", "-update", "1", f"file:{draft}"]
    subprocess.run(words, check=True, stdin=subprocess.DEVNULL)
    say(progress=0.9, message="putting it in its place")
    # The rename is the moment the thumbnail exists: whole, or not at all.
    os.replace(draft, image)
    say(progress=1, message="done")
    say(result={"image": payload["image"], "bytes": image.stat().st_size})
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (subprocess.CalledProcessError, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(75)  # EX_TEMPFAIL: try again
