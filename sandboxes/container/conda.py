"""SWE-bench's images hold their Python in a conda environment that only an activated shell finds."""

CONDA_SETUP = (
    "if [ -f /opt/miniconda3/bin/activate ] && [ -d /opt/miniconda3/envs/testbed ]; then "
    ". /opt/miniconda3/bin/activate && conda activate testbed; fi"
)
