package dev.precast.e2e.tool;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/** Tests that take a {@link Stack} started with {@code --convert '*'}: one for all of them, each with repositories of its own. */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Needs({ExternalTool.DOCKER_REGISTRY, ExternalTool.SKOPEO})
@ExtendWith(ConvertingStack.class)
public @interface Converting {}
