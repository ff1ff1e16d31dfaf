#!/bin/sh
# Starts the companion for a browser. Written by: isthisme browsers install
export ISTHISME_HOME='/home/ann/it'"'"'s here' ISTHISME_PYTHON='/opt/python'"'"'s/bin/python'
exec '/opt/python'"'"'s/bin/python' -I -S -c 'import sys; sys.path.append('"'"'/the/program'"'"'); from isthisme_host.__main__ import main; main()' "$@"
