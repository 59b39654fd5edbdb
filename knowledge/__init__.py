"""What a shop knows: the operators' file read, checked and matched. Text in, ranked entries out."""

import os

# One thread for numpy's products, said before it is loaded: they are small, and idle threads that spin take the
# cores from the browser (first replies took more than twice as long).
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
