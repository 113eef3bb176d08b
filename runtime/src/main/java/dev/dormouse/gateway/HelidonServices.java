package dev.dormouse.gateway;

import io.helidon.common.mapper.MapperManager;
import io.helidon.service.registry.GlobalServiceRegistry;
import io.helidon.service.registry.ServiceRegistry;
import io.helidon.service.registry.ServiceRegistryConfig;
import io.helidon.service.registry.ServiceRegistryManager;

/**
 * Keeps Helidon from looking through every jar for services: nothing here uses them, and it takes a
 * third of a server's start.
 */
final class HelidonServices {
  private HelidonServices() {}

  /** To be called before anything else of Helidon is. A registry that is there already stays. */
  // Only this one is asked for, by headers that hold numbers, though Helidon means to remove it.
  @SuppressWarnings("removal")
  static void none() {
    if (GlobalServiceRegistry.configured()) {
      return;
    }
    // Making the mappers asks for services, so it is told of none first.
    GlobalServiceRegistry.registry(registryOf(config()));
    MapperManager mappers = MapperManager.create();
    GlobalServiceRegistry.registry(
        registryOf(config().putContractInstance(MapperManager.class, mappers)));
  }

  private static ServiceRegistryConfig.Builder config() {
    return ServiceRegistryConfig.builder()
        .discoverServices(false)
        .discoverServicesFromServiceLoader(false);
  }

  private static ServiceRegistry registryOf(ServiceRegistryConfig.Builder config) {
    return ServiceRegistryManager.create(config.build()).registry();
  }
}
