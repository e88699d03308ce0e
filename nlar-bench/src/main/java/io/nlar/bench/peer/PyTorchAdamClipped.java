package io.nlar.bench.peer;

/** PyTorch's fused Adam behind {@code clip_grad_norm_}: the same work as Nlar's default, which bounds the norm too. */
public final class PyTorchAdamClipped extends PyTorchAdam {
  /** Elements that bounding the norm reads (g twice) and writes (g). */
  private static final int CLIP_TRAFFIC = 3;

  /** With the norm bounded to 1. */
  public PyTorchAdamClipped() {
    super(1);
  }

  @Override
  public String name() {
    return "PyTorch clip_grad_norm_ + Adam";
  }

  @Override
  public boolean narrow() {
    return false;
  }

  @Override
  public boolean quick() {
    return false;
  }

  @Override
  public int traffic() {
    return super.traffic() + CLIP_TRAFFIC;
  }
}
