#!/bin/bash
# A run in parts on Slurm, without a cluster engine: sbatch slurm-array.sh PROTOCOL FOLDER
# FOLDER lies on a file system that all nodes share. When all parts have ended, on any node:
#   dmn-bench merge FOLDER/part-* --into FOLDER/answers
#   dmn-bench run PROTOCOL --answers FOLDER/answers
# A part that failed is taken up again by the same sbatch with --array=N: what it had answered is kept.
#SBATCH --job-name=dmn-bench
#SBATCH --array=1-20
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=04:00:00
#SBATCH --output=%x-%A-%a.log
set -euo pipefail
protocol=${1:?a protocol is needed}
folder=${2:?a shared folder is needed}
part="$folder/part-$SLURM_ARRAY_TASK_ID"
resume=()
if [ -e "$part/run.json" ]; then resume=(--resume); fi
export OMP_NUM_THREADS=1
exec dmn-bench run "$protocol" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" --out "$part" \
    --workers "${SLURM_CPUS_PER_TASK:-1}" "${resume[@]}"
