package dev.dormouse.actor;

import dev.dormouse.identity.ActorId;
import org.jspecify.annotations.Nullable;

/**
 * An actor as the admin API shows it.
 *
 * @param memoryBytes linear memory and tables; 0 while asleep
 * @param storageBytes keys and values
 * @param alarmMillis when its alarm is due, in Unix time
 * @param connections open connections
 * @param fuelUsed by its turns since it was last out of memory altogether
 * @param lastTurnMillis when its last turn ended, if it is known
 */
public record ActorStatus(
    ActorId id,
    boolean awake,
    long memoryBytes,
    long storageBytes,
    @Nullable Long alarmMillis,
    int connections,
    long fuelUsed,
    @Nullable Long lastTurnMillis) {}
