typedef int ek_no_kernels;
