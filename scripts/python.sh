#!/bin/sh
# Prints a Python of 3.11 to 3.14 that can make virtual environments; the one in .venv comes first.
set -u
cd "$(dirname "$0")/.." || exit 1

fits='import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))'
bare=
for name in .venv/bin/python python3 python3.13 python3.12 python3.14 python3.11; do
    "$name" -c "$fits" >/dev/null 2>&1 || continue
    if "$name" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        echo "$name"
        exit 0
    fi
    bare=${bare:-$name}
done

if [ -n "$bare" ]; then
    # Debian and Ubuntu keep the making of environments in a package of its own.
    package=$("$bare" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    root=
    [ "$(id -u)" = 0 ] || root='sudo -n'
    if command -v apt-get >/dev/null 2>&1; then
        echo "正在安装系统软件包 $package …" >&2
        if { $root apt-get update && $root apt-get install -y --no-install-recommends "$package"; } >/dev/null 2>&1; then
            echo "$bare"
            exit 0
        fi
    fi
    echo "错误：$bare 缺少 venv 或 ensurepip。Debian、Ubuntu 请运行 sudo apt-get install $package，再重试。" >&2
    echo "Error: $bare cannot make virtual environments. On Debian or Ubuntu: sudo apt-get install $package" >&2
    exit 1
fi

echo "错误：没有找到可用的 Python。Nightdesk 需要 Python 3.11 到 3.14，请先安装（例如 https://www.python.org/downloads/）。" >&2
echo "Error: no usable Python. Nightdesk needs Python 3.11 to 3.14; please install one and try again." >&2
exit 1
