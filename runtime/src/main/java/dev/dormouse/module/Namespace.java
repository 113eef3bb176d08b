package dev.dormouse.module;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.UserFault;
import dev.dormouse.time.TimeSource;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A namespace: a name that is bound to a version of a module. The version changes when another
 * module is put under the name; who asks {@link #current} before each turn moves along. Safe for
 * use by many threads.
 */
public final class Namespace {
  /** How long the failure to load a module answers for the next attempts. */
  private static final long FAILURE_NANOS = 5_000_000_000L;

  private final String name;
  private final Loader loader;
  private final TimeSource time;
  private final ReentrantLock loading = new ReentrantLock();
  private volatile @Nullable Binding binding;
  private volatile @Nullable String damage;
  private volatile @Nullable Version current;
  private volatile boolean deleted;
  private @Nullable Fault failure;
  private long failedNanos;

  /** Makes a version of what the disk holds. */
  interface Loader {
    Version load(Namespace namespace, Binding binding);
  }

  /**
   * @param binding null where its file is damaged
   * @param damage what is wrong with the file, null where nothing is
   */
  Namespace(
      String name,
      @Nullable Binding binding,
      @Nullable String damage,
      Loader loader,
      TimeSource time) {
    this.name = name;
    this.binding = binding;
    this.damage = damage;
    this.loader = loader;
    this.time = time;
  }

  public String name() {
    return name;
  }

  /**
   * The version that events run on now. Costs a field access, except for the first time after a
   * start, when the module is loaded and the thread waits for it.
   *
   * @throws UserFault {@code namespace_not_found}, when it has been deleted
   * @throws Fault {@code storage_failed}, when the files of this namespace are damaged
   */
  public Version current() {
    Version loaded = current;
    return loaded != null ? loaded : load();
  }

  /** Whether {@link #current} answers at once. */
  public boolean isLoaded() {
    return current != null;
  }

  /**
   * What it is bound to, without loading it.
   *
   * @return empty where the file that says so is damaged
   */
  public Optional<Deployment> deployment() {
    Binding now = binding;
    return now == null ? Optional.empty() : Optional.of(deployment(now, false));
  }

  /** The host for which its gateway stands at {@code /}, if there is one. */
  public Optional<String> host() {
    Binding now = binding;
    return now == null ? Optional.empty() : Optional.ofNullable(now.host());
  }

  /** What is wrong with its files, as far as it is known. */
  public Optional<String> damage() {
    return Optional.ofNullable(damage);
  }

  /** When the name was first bound, in Unix time; 0 where the file that says so is damaged. */
  public long createdMillis() {
    Binding now = binding;
    return now == null ? 0 : now.createdMillis();
  }

  /** When it was bound to its current version, in Unix time. */
  public long updatedMillis() {
    Binding now = binding;
    return now == null ? 0 : now.updatedMillis();
  }

  Deployment deployment(Binding of, boolean created) {
    return new Deployment(
        name, of.version(), of.sha256(), of.size(), of.abi(), of.exports(), created);
  }

  @Nullable Binding binding() {
    return binding;
  }

  /** Binds it to another version. The caller holds the lock of changes to this name. */
  void bind(Binding to, Version version) {
    loading.lock();
    try {
      binding = to;
      damage = null;
      failure = null;
      current = version;
    } finally {
      loading.unlock();
    }
  }

  void markDeleted() {
    loading.lock();
    try {
      deleted = true;
      current = null;
    } finally {
      loading.unlock();
    }
  }

  private Version load() {
    loading.lock();
    try {
      Version loaded = current;
      if (loaded != null) {
        return loaded;
      }
      if (deleted) {
        throw new UserFault(
            Code.NAMESPACE_NOT_FOUND, "namespace \"" + name + "\" has been deleted");
      }
      Binding from = binding;
      if (from == null) {
        throw new InternalFault(Code.STORAGE_FAILED, damage + ": deploy its module again", null);
      }
      if (failure != null && time.nanos() - failedNanos < FAILURE_NANOS) {
        throw failure;
      }
      failure = null;
      loaded = loader.load(this, from);
      current = loaded;
      damage = null;
      return loaded;
    } catch (Fault e) {
      remember(e);
      throw e;
    } finally {
      loading.unlock();
    }
  }

  private void remember(Fault fault) {
    if (!deleted && failure == null && fault.code() != Code.SHUTTING_DOWN) {
      failure = fault;
      failedNanos = time.nanos();
      damage = fault.getMessage();
    }
  }
}
