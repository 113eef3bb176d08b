package dev.dormouse.guest.chicory;

/** Carries what a host function threw out through guest code, so that it is no guest's trap. */
final class HostCallFailed extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final RuntimeException failure;

  HostCallFailed(RuntimeException failure) {
    super(null, failure, false, false);
    this.failure = failure;
  }

  RuntimeException failure() {
    return failure;
  }
}
