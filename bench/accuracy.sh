#!/bin/sh
# Precision and recall of detection in running text, beside Presidio: bench/accuracy.sh BUILD
#   PYTHON  one that has presidio-analyzer, for that peer (default python3)
set -eu
build=$1
set_=${POLDER_SHARED_DATA:-../shared/data}/privacy/presidio-research/synth_dataset_v2.json
[ -f "$set_" ] || { echo "the labelled sentences are missing: $set_ (POLDER_SHARED_DATA)"; exit 0; }
"${PYTHON:-python3}" bench/accuracy.py "$build/polder" "$set_"
