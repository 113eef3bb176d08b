package dev.dormouse.module;

import dev.dormouse.fault.Code;
import dev.dormouse.fault.Fault;
import dev.dormouse.fault.InternalFault;
import dev.dormouse.fault.ResourceFault;
import dev.dormouse.fault.UserFault;
import dev.dormouse.guest.Engine;
import dev.dormouse.guest.HostFunction;
import dev.dormouse.limits.LimitPolicy;
import dev.dormouse.limits.SettingsException;
import dev.dormouse.time.TimeSource;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The namespaces of a node and the modules that they are bound to.
 *
 * <p>A binding is one small file for each namespace. A put first makes the module's file durable
 * and then the binding, so a crash leaves the old version or the new one. Modules that no namespace
 * is bound to, nor was in its last {@value Binding#KEPT} versions, are deleted.
 *
 * <p>All names are known from the start; a module is loaded when it is first asked for. Damage to
 * one namespace's files is that namespace's alone: it answers {@code storage_failed} until its
 * module is put again.
 *
 * <p>Deleting a namespace begins with a durable mark and ends when its actors are gone, too: see
 * {@link #delete}.
 *
 * <p>Safe for use by many threads. Changes to one name are made one after another.
 */
public final class Namespaces implements AutoCloseable {
  /** Most namespaces of a node. */
  public static final int MAX_NAMESPACES = 4_096;

  /**
   * Uploads that are held in memory at a time; more are answered {@code overloaded}. More than one
   * together take at most an eighth of the heap.
   */
  public static final int MAX_UPLOADS = 16;

  private static final Logger LOG = LoggerFactory.getLogger(Namespaces.class);
  private static final String BINDING = ".json";
  private static final String DELETION = ".deleted";
  private static final int STRIPES = 64;

  private final Versions versions;
  private final DurableDirectory bindings;
  private final LimitPolicy policy;
  private final TimeSource time;
  private final Uploads uploads = new Uploads();
  private final Map<String, Namespace> namespaces = new ConcurrentHashMap<>();
  private final Hosts hosts = new Hosts();

  /** Names whose deletion has durably begun and not ended. */
  private final Set<String> deletions = ConcurrentHashMap.newKeySet();

  /** Names that somebody is deleting now. */
  private final Set<String> deleting = ConcurrentHashMap.newKeySet();

  /** Names share locks, so that there are never more locks than this. */
  private final ReentrantLock[] changes = new ReentrantLock[STRIPES];

  /** Held while files change, so that no module is deleted that is about to be bound. */
  private final ReentrantLock files = new ReentrantLock();

  public Namespaces(
      Path dataDir,
      Engine engine,
      List<HostFunction> imports,
      LimitPolicy policy,
      TimeSource time) {
    this(dataDir, engine, imports, policy, Map.of(), time);
  }

  /**
   * @param dataDir the data directory; {@code modules} and {@code namespaces} in it are used
   * @param imports every function that guests may import
   * @param serverEnv values that the server's configuration gives to guests, by namespace
   * @throws Fault {@code storage_failed}, when the directories cannot be used
   */
  public Namespaces(
      Path dataDir,
      Engine engine,
      List<HostFunction> imports,
      LimitPolicy policy,
      Map<String, Map<String, String>> serverEnv,
      TimeSource time) {
    this.policy = policy;
    this.time = time;
    versions =
        new Versions(
            new DurableDirectory(dataDir.resolve("modules")),
            engine,
            imports,
            policy,
            serverEnv,
            time);
    bindings = new DurableDirectory(dataDir.resolve("namespaces"));
    for (int i = 0; i < STRIPES; i++) {
      changes[i] = new ReentrantLock();
    }
    for (String file : bindings.names(DELETION)) {
      String name = file.substring(0, file.length() - DELETION.length());
      deletions.add(name);
      bindings.delete(name + BINDING);
    }
    for (String file : bindings.names(BINDING)) {
      String name = file.substring(0, file.length() - BINDING.length());
      if (NamespaceName.isValid(name)) {
        namespaces.put(name, open(name, file));
      }
    }
    hosts.update(namespaces.values());
  }

  /**
   * Binds a namespace to a module, and makes the namespace where there is none. Takes as long as
   * the module takes to compile.
   *
   * @param wasm the module; not to be changed
   * @return what the namespace is bound to now, durably
   * @throws UserFault {@code bad_request} for the name, {@code payload_too_large}, {@code
   *     module_invalid}
   * @throws ResourceFault {@code overloaded}, {@code storage_full}
   * @throws InternalFault {@code storage_failed}
   */
  public Deployment put(String namespace, byte[] wasm) {
    return put(namespace, wasm, null);
  }

  /**
   * The same, and puts the app's gateway at {@code /} for a host.
   *
   * @param host the host without a port, {@code *} for every one that no other namespace has, or
   *     null to leave it as it was
   */
  public Deployment put(String namespace, byte[] wasm, @Nullable String host) {
    NamespaceName.require(namespace);
    String at = host == null ? null : hosts.require(namespace, host);
    long most = policy.forNamespace(namespace).moduleBytes();
    if (wasm.length > most) {
      throw new UserFault(
          Code.PAYLOAD_TOO_LARGE,
          "the module has "
              + wasm.length
              + " bytes, but moduleBytes allows "
              + most
              + ": make it smaller, or raise the limit");
    }
    return uploads.holding(
        wasm.length,
        () -> {
          var lock = lock(namespace);
          lock.lock();
          try {
            return putAlone(namespace, wasm, at);
          } finally {
            lock.unlock();
          }
        });
  }

  /** The namespace of this name. Costs a look into a hash table. */
  public Optional<Namespace> find(String name) {
    return Optional.ofNullable(namespaces.get(name));
  }

  /**
   * The namespace whose gateway stands at {@code /} for a host.
   *
   * @param host as in the Host header, with or without a port; null where there was none
   */
  public Optional<Namespace> atHost(@Nullable String host) {
    return hosts.find(host);
  }

  /** All namespaces, ordered by name. */
  public List<Namespace> list() {
    return namespaces.values().stream().sorted(Comparator.comparing(Namespace::name)).toList();
  }

  /**
   * Deletes a namespace and its actors. First it becomes durable that both are to go; after a crash
   * at any later moment {@link #finishDeletions} goes on with it. Until it is done no module can be
   * put under the name, and when it fails it can be tried again.
   *
   * @param deleteActors deletes all actors of a namespace, which is unbound by then
   * @return whether there was such a namespace
   * @throws ResourceFault {@code overloaded}, when somebody else is at it
   */
  public boolean delete(String name, Consumer<String> deleteActors) {
    if (!namespaces.containsKey(name) && !deletions.contains(name)) {
      return false;
    }
    if (!deleting.add(name)) {
      throw beingDeleted(name);
    }
    try {
      if (!unbind(name)) {
        return false;
      }
      deleteActors.accept(name);
      bindings.delete(name + DELETION);
      deletions.remove(name);
      return true;
    } finally {
      deleting.remove(name);
    }
  }

  /** Goes on with the deletions that a crash has cut short. */
  public void finishDeletions(Consumer<String> deleteActors) {
    for (String name : Set.copyOf(deletions)) {
      try {
        delete(name, deleteActors);
      } catch (Fault | CompletionException e) {
        LOG.warn("namespace {} is not wholly deleted, delete it again: {}", name, e.getMessage());
      }
    }
  }

  /** Answers whether the namespace was there, or its deletion had begun before. */
  private boolean unbind(String name) {
    var lock = lock(name);
    lock.lock();
    try {
      Namespace namespace = namespaces.get(name);
      if (namespace == null) {
        return deletions.contains(name);
      }
      files.lock();
      try {
        bindings.write(name + DELETION, new byte[0]);
        deletions.add(name);
        bindings.delete(name + BINDING);
        namespaces.remove(name);
        hosts.update(namespaces.values());
        namespace.markDeleted();
        collectGarbage();
      } finally {
        files.unlock();
      }
      return true;
    } finally {
      lock.unlock();
    }
  }

  private static ResourceFault beingDeleted(String name) {
    return new ResourceFault(
        Code.OVERLOADED,
        "namespace \"" + name + "\" is being deleted: try again, or delete it once more");
  }

  /** Modules that were handed to the engine since the start, whether compiled or from its cache. */
  public LongSupplier loads() {
    return versions::loads;
  }

  /** Ends the threads that compile. Puts and loads that wait for them fail. */
  @Override
  public void close() {
    versions.close();
  }

  private Deployment putAlone(String name, byte[] wasm, @Nullable String host) {
    if (deletions.contains(name)) {
      throw beingDeleted(name);
    }
    String sha256 = Hash.sha256(wasm);
    Namespace namespace = namespaces.get(name);
    Binding before = namespace == null ? null : namespace.binding();
    if (namespace != null
        && before != null
        && before.sha256().equals(sha256)
        && versions.intact(before)) {
      if (host == null || host.equals(before.host())) {
        return namespace.deployment(before, false);
      }
      return rebind(namespace, before.at(host));
    }
    if (namespace == null && namespaces.size() >= MAX_NAMESPACES) {
      throw new ResourceFault(
          Code.OVERLOADED,
          "this server already has " + MAX_NAMESPACES + " namespaces: delete one first");
    }
    var prepared = versions.prepare(name, before, wasm, sha256, host);
    var binding = prepared.binding();
    if (namespace == null) {
      namespace = new Namespace(name, binding, null, versions::load, time);
    }
    files.lock();
    try {
      versions.keep(sha256, wasm);
      bindings.write(name + BINDING, binding.toJson());
      namespace.bind(binding, prepared.version());
      namespaces.put(name, namespace);
      hosts.update(namespaces.values());
      collectGarbage();
    } finally {
      files.unlock();
    }
    return namespace.deployment(binding, true);
  }

  /** The same module at another host. */
  private Deployment rebind(Namespace namespace, Binding to) {
    var version = namespace.current();
    Hosts.requireGateway(to.host(), version.gateway());
    files.lock();
    try {
      bindings.write(namespace.name() + BINDING, to.toJson());
      namespace.bind(to, version);
      hosts.update(namespaces.values());
    } finally {
      files.unlock();
    }
    return namespace.deployment(to, false);
  }

  private Namespace open(String name, String file) {
    try {
      byte[] json = bindings.read(file).orElseThrow(() -> new SettingsException("it is gone"));
      return new Namespace(name, Binding.read(json), null, versions::load, time);
    } catch (SettingsException | Fault e) {
      String damage =
          "the binding of namespace \"%s\" is damaged (%s): %s"
              .formatted(name, bindings.path(file), e.getMessage());
      return new Namespace(name, null, damage, versions::load, time);
    }
  }

  /** Deletes modules that nobody needs. The caller holds {@link #files}. */
  private void collectGarbage() {
    Collection<String> needed = new HashSet<>();
    for (Namespace namespace : namespaces.values()) {
      Binding binding = namespace.binding();
      if (binding == null) {
        // What a damaged binding needs is not known, so nothing may go.
        return;
      }
      needed.add(binding.sha256());
      needed.addAll(binding.previous());
    }
    try {
      versions.keepOnly(needed);
    } catch (Fault e) {
      // The change itself is durable; the next one tries again.
      LOG.warn("Unused modules stay on disk: {}", e.getMessage());
    }
  }

  private ReentrantLock lock(String name) {
    return changes[Math.floorMod(name.hashCode(), STRIPES)];
  }
}
