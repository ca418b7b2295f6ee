"""The dialogue about a trade, led by a language model within bounds that code holds."""

from plugins.llm_agent.plugin import LlmAgent as LlmAgent
