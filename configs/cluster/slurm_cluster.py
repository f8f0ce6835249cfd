"""Start a Dask cluster on Slurm for one run, and stop it when the run has ended.

    python slurm_cluster.py --jobs 20 -- dmn-bench run protocol.yaml --scheduler ADDRESS

Run it where jobs can be submitted and reached from, with DASK_CONFIG naming the dask.yaml that certificates.sh made in
a folder which all nodes share. ADDRESS is replaced by the scheduler's. Needs dask-jobqueue beside dmn-bench[dask].
Change what is below to what your site has.
"""

import argparse
import subprocess
import sys

import dask
from dask_jobqueue import SLURMCluster
from distributed import Security

QUEUE = None  # --partition; None: the default of the site
MEMORY = "4GB"  # of a job: one candidate's process and one worker
WALLTIME = "02:00:00"
INTERFACE = None  # network between the nodes: "ib0"; None: the default
PYTHON = sys.executable  # on the nodes too


def slurm_cluster() -> SLURMCluster:
    """A scheduler here, and jobs with one worker of one thread each: a case that kills its worker kills no other."""
    return SLURMCluster(
        queue=QUEUE,
        cores=1,
        processes=1,
        memory=MEMORY,
        walltime=WALLTIME,
        interface=INTERFACE,
        python=PYTHON,
        protocol="tls://",
        security=Security(),  # from DASK_CONFIG
        scheduler_options={"dashboard": False},
        # a worker leaves before Slurm ends it, at most 10 minutes early, so that they do not all leave together
        worker_extra_args=["--no-dashboard", "--lifetime", "100m", "--lifetime-stagger", "10m"],
        job_script_prologue=[f"export DASK_CONFIG={dask.config.PATH}", "export OMP_NUM_THREADS=1"],
        silence_logs="error",
    )


def main() -> int:
    """The exit code of the command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=10)
    parser.add_argument("--show", action="store_true", help="print the job script and the address, submit nothing")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    asked = parser.parse_args()
    with slurm_cluster() as cluster:
        if asked.show:
            print(cluster.scheduler_address, cluster.job_script(), sep="\n")  # noqa: T201
            return 0
        cluster.scale(jobs=asked.jobs)
        words = [cluster.scheduler_address if word == "ADDRESS" else word for word in asked.command if word != "--"]
        return subprocess.run(words, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
