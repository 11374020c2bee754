//! How AWS is reached: one client configuration for all services.

use aws_config::{BehaviorVersion, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_http_client::{
    Builder, Connector,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use std::{error::Error, fmt::Debug, time::Duration};

use crate::{config, error::chain};

/// Reads the SDK's own settings (region, credentials, endpoint) as every AWS program does, and the proxy for HTTPS, which
/// the SDK doesn't read by itself.
///
/// # Errors
/// That no region is set, and where one can be, or that a credential or a proxy can be none.
pub async fn connect() -> Result<SdkConfig, String> {
    if let Some(name) = config::broken_credentials() {
        return Err(format!("{name} has a blank or a line break in it: take that out"));
    }
    let proxy = proxy()?;
    // ring: aws-lc gathers CPU-jitter entropy at its first use, up to a second on a small function.
    let http = Builder::new().build_with_connector_fn(move |settings, components| {
        let mut connector = Connector::builder().proxy_config(proxy.clone());
        connector.set_connector_settings(settings.cloned());
        connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
        connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
    });
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(3))
        .read_timeout(Duration::from_secs(10))
        .operation_attempt_timeout(Duration::from_secs(30))
        .build();
    let config = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http)
        .timeout_config(timeouts)
        .retry_config(RetryConfig::standard())
        .load()
        .await;
    if config.region().is_none_or(|region| region.as_ref().is_empty()) {
        return Err("no AWS region is set: set AWS_REGION, or `region` in the profile".into());
    }
    Ok(config)
}

/// What HTTPS goes by. Plain HTTP goes by none: that is for servers close by, which hand out credentials.
fn proxy() -> Result<ProxyConfig, String> {
    let Some((name, address)) = config::https_proxy() else { return Ok(ProxyConfig::disabled()) };
    let url = if address.contains("://") { address } else { format!("http://{address}") };
    // It may have a password in it.
    let proxy = ProxyConfig::https(url.as_str())
        .map_err(|_| format!("{name}: is no address of a proxy (http://host:port)"))?;
    Ok(proxy.no_proxy(config::no_proxy()))
}

/// An error of the SDK as one line: what the service said, or what kept it from being asked.
pub fn explain<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: Debug + 'static,
{
    let Some(said) = error.as_service_error() else {
        return chain(error);
    };
    match (said.code(), said.message()) {
        (Some(code), Some(message)) => format!("{code}: {message}"),
        (Some(code), None) => code.to_owned(),
        (None, _) => chain(said),
    }
}
