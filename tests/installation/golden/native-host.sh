#!/bin/sh
# Starts the companion for a browser. Written by: isthisme browsers install
unset LD_PRELOAD LD_LIBRARY_PATH LD_AUDIT LD_PROFILE GCONV_PATH LOCPATH OPENSSL_CONF OPENSSL_MODULES OPENSSL_ENGINES DYLD_INSERT_LIBRARIES DYLD_LIBRARY_PATH DYLD_FRAMEWORK_PATH DYLD_FALLBACK_LIBRARY_PATH DYLD_FALLBACK_FRAMEWORK_PATH
export ISTHISME_HOME='/home/ann/it'"'"'s here' ISTHISME_PYTHON='/opt/python'"'"'s/bin/python'
exec '/opt/python'"'"'s/bin/python' -I -S -c 'import sys; sys.path.append('"'"'/the/program'"'"'); from isthisme_host.__main__ import main; main()' "$@"
