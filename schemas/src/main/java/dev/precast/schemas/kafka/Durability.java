package dev.precast.schemas.kafka;

import java.util.Map;
import java.util.Optional;

/**
 * How sure it is that what a topic has acknowledged outlives a broker. Producers wait for all replicas that are in sync
 * ({@code acks=all}), and how many those are at least is the topic's to say. Pure.
 *
 * @param replicas of the partition that has the fewest
 * @param minInSync replicas that must have a record before it is acknowledged ({@code min.insync.replicas})
 * @param unclean whether a replica that is behind may become the leader, which forgets what it lacks
 */
record Durability(int replicas, int minInSync, boolean unclean) {
    private static final int REPLICAS = 3;
    private static final int IN_SYNC = 2;

    static final String MIN_IN_SYNC = "min.insync.replicas";
    static final String UNCLEAN = "unclean.leader.election.enable";

    /** What a topic that we make says beside its own configuration; nothing where one broker less would stop its writers. */
    static Map<String, String> configuration(int replicas) {
        return replicas < REPLICAS ? Map.of() : Map.of(MIN_IN_SYNC, Integer.toString(IN_SYNC), UNCLEAN, "false");
    }

    /** What was found and expected, and what to do; empty when the loss of one broker loses nothing. */
    Optional<String> weakness() {
        if (replicas < 2) {
            return Optional.of("found 1 replica, expected " + REPLICAS + ": with its broker's disk everything is lost."
                    + " Give it replicas with kafka-reassign-partitions, and let new topics have them with "
                    + KafkaConfig.REPLICATION_FACTOR + "=" + REPLICAS + ".");
        }
        if (minInSync < IN_SYNC) {
            return Optional.of("found " + replicas + " replicas and " + MIN_IN_SYNC + "=" + minInSync + ", expected "
                    + IN_SYNC + ": an event may be acknowledged and then lost with one broker. "
                    + alter(MIN_IN_SYNC + "=" + IN_SYNC)
                    + (replicas < REPLICAS ? ", and with a third replica, or writers stop with one broker." : "."));
        }
        if (unclean) {
            return Optional.of("found " + UNCLEAN + "=true, expected false: a broker that is behind may become the"
                    + " leader, and what it lacks is lost. " + alter(UNCLEAN + "=false") + ".");
        }
        return Optional.empty();
    }

    private static String alter(String setting) {
        return "Set it with kafka-configs --alter --entity-type topics --entity-name TOPIC --add-config " + setting;
    }
}
