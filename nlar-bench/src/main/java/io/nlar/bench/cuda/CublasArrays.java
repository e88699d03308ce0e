package io.nlar.bench.cuda;

import io.nlar.DeviceException;
import io.nlar.bench.contest.ArrayLibrary;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUfunction;
import jcuda.driver.JCudaDriver;
import jcuda.jcublas.JCublas2;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;

/** Arrays on a GPU: cuBLAS where it has the operation (nrm2, scal, axpy, copy), a kernel of its own for each other one. */
final class CublasArrays implements ArrayLibrary<CUdeviceptr> {
  private final CudaSession session;
  private final int length;
  private final cublasHandle cublas = new cublasHandle();
  private final CUfunction shift;
  private final CUfunction absolute;
  private final CUfunction reciprocal;
  private final CUfunction multiply;
  private final CUfunction divide;

  CublasArrays(int ordinal, int length) {
    this.session = new CudaSession(ordinal);
    this.length = length;
    check(JCublas2.cublasCreate(cublas));
    shift = session.kernel("shift");
    absolute = session.kernel("absolute");
    reciprocal = session.kernel("reciprocal");
    multiply = session.kernel("multiply");
    divide = session.kernel("divide");
  }

  private static void check(int status) {
    if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
      throw new DeviceException("a cuBLAS call failed: " + cublasStatus.stringFor(status));
    }
  }

  private void launch(CUfunction kernel, double a, CUdeviceptr x, CUdeviceptr y, CUdeviceptr z) {
    session.launch(kernel, length, Pointer.to(Pointer.to(new float[] {(float) a}), Pointer.to(x), Pointer.to(y),
        Pointer.to(z), Pointer.to(new long[] {length})));
  }

  @Override
  public CUdeviceptr array(double[] pattern) {
    float[] host = new float[length];
    for (int i = 0; i < length; i++) {
      host[i] = (float) pattern[i % pattern.length];
    }
    CUdeviceptr array = session.allocate((long) length * Float.BYTES);
    CudaSession.check(JCudaDriver.cuMemcpyHtoD(array, Pointer.to(host), (long) length * Float.BYTES));
    return array;
  }

  @Override
  public double[] read(CUdeviceptr x, int count) {
    finish();
    float[] host = new float[Math.min(count, length)];
    CudaSession.check(JCudaDriver.cuMemcpyDtoH(Pointer.to(host), x, (long) host.length * Float.BYTES));
    double[] values = new double[host.length];
    Arrays.setAll(values, i -> host[i]);
    return values;
  }

  @Override
  public double norm(CUdeviceptr x) {
    float[] norm = new float[1];
    check(JCublas2.cublasSnrm2(cublas, length, x, 1, Pointer.to(norm)));
    return norm[0];
  }

  private void copy(CUdeviceptr x, CUdeviceptr z) {
    check(JCublas2.cublasScopy(cublas, length, x, 1, z, 1));
  }

  private void axpy(float a, CUdeviceptr x, CUdeviceptr z) {
    check(JCublas2.cublasSaxpy(cublas, length, Pointer.to(new float[] {a}), x, 1, z, 1));
  }

  @Override
  public void scale(double a, CUdeviceptr x, CUdeviceptr z) {
    copy(x, z);
    check(JCublas2.cublasSscal(cublas, length, Pointer.to(new float[] {(float) a}), z, 1));
  }

  @Override
  public void add(CUdeviceptr x, CUdeviceptr y, CUdeviceptr z) {
    if (z == y) {
      axpy(1, x, z);
      return;
    }
    if (z != x) {
      copy(x, z);
    }
    axpy(1, y, z);
  }

  @Override
  public void subtract(CUdeviceptr x, CUdeviceptr y, CUdeviceptr z) {
    if (z == y) {
      check(JCublas2.cublasSscal(cublas, length, Pointer.to(new float[] {-1}), z, 1));
      axpy(1, x, z);
      return;
    }
    if (z != x) {
      copy(x, z);
    }
    axpy(-1, y, z);
  }

  @Override
  public void shift(double a, CUdeviceptr x, CUdeviceptr z) {
    launch(shift, a, x, x, z);
  }

  @Override
  public void abs(CUdeviceptr x, CUdeviceptr z) {
    launch(absolute, 0, x, x, z);
  }

  @Override
  public void reciprocal(double a, CUdeviceptr x, CUdeviceptr z) {
    launch(reciprocal, a, x, x, z);
  }

  @Override
  public void multiply(CUdeviceptr x, CUdeviceptr y, CUdeviceptr z) {
    launch(multiply, 0, x, y, z);
  }

  @Override
  public void divide(CUdeviceptr x, CUdeviceptr y, CUdeviceptr z) {
    launch(divide, 0, x, y, z);
  }

  @Override
  public void finish() {
    session.finish();
  }

  @Override
  public void close() {
    JCublas2.cublasDestroy(cublas);
    session.close();
  }
}
