package io.nereid.store.s3;

import io.nereid.protocol.Owned;
import io.nereid.repository.store.ModelStore;
import io.nereid.repository.store.ModelStoreProvider;
import io.nereid.repository.store.StoreCredentials;
import io.nereid.repository.store.StoreException;
import io.nereid.repository.store.StoreTimeouts;
import io.nereid.repository.store.StoreUrl;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.AwsSessionCredentials;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * S3, Amazon's or another's. Who to be: the keys that are given; else the profile that is given;
 * else Amazon's default chain, which knows profiles, web identities, containers and instances.
 */
public final class S3Stores implements ModelStoreProvider {
    private static final Map<String, String> VARIABLES =
            Map.of(
                    "AWS_ACCESS_KEY_ID", "key_id",
                    "AWS_SECRET_ACCESS_KEY", "secret_key",
                    "AWS_SESSION_TOKEN", "session_token",
                    "AWS_DEFAULT_REGION", "region",
                    "AWS_PROFILE", "profile");

    @Override
    public String scheme() {
        return "s3";
    }

    @Override
    public StoreCredentials credentials(Map<String, String> environment) {
        return StoreCredentials.ofVariables(environment, VARIABLES);
    }

    @Override
    public @Owned ModelStore open(
            StoreUrl url, StoreCredentials credentials, StoreTimeouts timeouts)
            throws StoreException {
        try {
            S3ClientBuilder client =
                    S3Client.builder()
                            .httpClientBuilder(
                                    UrlConnectionHttpClient.builder()
                                            .connectionTimeout(timeouts.connect())
                                            .socketTimeout(timeouts.read()))
                            .overrideConfiguration(
                                    once -> once.retryStrategy(AwsRetryStrategy.doNotRetry()))
                            .credentialsProvider(provider(credentials));
            if (url.authority().isEmpty()) {
                client.region(region(credentials)).crossRegionAccessEnabled(true);
            } else {
                // Stores that speak S3 often know nothing of Amazon's own checksums.
                client.requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                        .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
                        .endpointOverride(URI.create(url.authority()))
                        .region(given(credentials).orElse(Region.US_EAST_1))
                        .forcePathStyle(true);
            }
            return new S3Bucket(client.build(), url.bucket());
        } catch (SdkException e) {
            throw S3Bucket.refused(e.getClass().getSimpleName(), String.valueOf(e.getMessage()), e);
        }
    }

    private static AwsCredentialsProvider provider(StoreCredentials credentials) {
        Optional<String> id = credentials.find("key_id");
        Optional<String> secret = credentials.find("secret_key");
        if (id.isPresent() && secret.isPresent()) {
            return StaticCredentialsProvider.create(
                    credentials
                            .find("session_token")
                            .<AwsCredentials>map(token ->
                                    AwsSessionCredentials.create(id.get(), secret.get(), token))
                            .orElseGet(() -> AwsBasicCredentials.create(id.get(), secret.get())));
        }
        return credentials
                .find("profile")
                .<AwsCredentialsProvider>map(ProfileCredentialsProvider::create)
                .orElseGet(() -> DefaultCredentialsProvider.builder().build());
    }

    private static Optional<Region> given(StoreCredentials credentials) {
        return credentials.find("region").map(Region::of);
    }

    /** Any region finds a bucket of another one, so that none need be known. */
    private static Region region(StoreCredentials credentials) {
        return given(credentials)
                .or(() ->
                        Optional.ofNullable(
                                DefaultAwsRegionProviderChain.builder()
                                        .profileName(credentials.find("profile").orElse("default"))
                                        .build()
                                        .getRegion()))
                .orElse(Region.US_EAST_1);
    }
}
