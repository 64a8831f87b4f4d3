package dev.precast.testkit;

import dev.precast.schemas.kafka.KafkaConfig;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives tests a {@link KafkaConfig} of a real Kafka, one per JVM: {@code -Dtest.kafka=docker} a container, {@code embedded} the
 * broker of {@code precast up}, {@code auto} (default) a container where Docker runs, else the embedded one. It says which.
 *
 * <p>Every test class finds the topics of the catalogue empty, and no consumer group.
 */
public final class KafkaExtension implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(KafkaExtension.class);
    /** Partitions of the partitioned topics: enough to notice a wrong partition. */
    static final int PARTITIONS = 4;

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == KafkaConfig.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestKafka kafka = context.getRoot()
                .getStore(NAMESPACE)
                .computeIfAbsent(TestKafka.class, key -> TestKafka.start(mode(context)), TestKafka.class);
        KafkaConfig config = KafkaConfig.plaintext(kafka.bootstrapServers(), PARTITIONS);
        classStore(context).computeIfAbsent(KafkaConfig.class, key -> clean(config), KafkaConfig.class);
        return config;
    }

    /** A store of the outermost test class, so that nested classes and methods share its topics. */
    private static Store classStore(ExtensionContext context) {
        ExtensionContext current = context;
        while (current.getParent().filter(p -> p.getTestClass().isPresent()).isPresent()) {
            current = current.getParent().orElseThrow();
        }
        return current.getStore(NAMESPACE);
    }

    private static KafkaConfig clean(KafkaConfig config) {
        try {
            CleanTopics.make(config);
            return config;
        } catch (Exception e) {
            throw new ParameterResolutionException("Cannot empty the topics at " + config.bootstrapServers(), e);
        }
    }

    private static String mode(ExtensionContext context) {
        return context.getConfigurationParameter("test.kafka").orElse("auto");
    }
}
